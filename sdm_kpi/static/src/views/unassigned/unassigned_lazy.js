import { registry } from "@web/core/registry";
import { GraphController } from "@web/views/graph/graph_controller";
import { graphView } from "@web/views/graph/graph_view";
import { PivotController } from "@web/views/pivot/pivot_controller";
import { pivotView } from "@web/views/pivot/pivot_view";
import { Unassigned } from "./unassigned";

class UnassignedPivotController extends PivotController {
    static template = "sdm_kpi.UnassignedPivot";
    static components = { ...PivotController.components, Unassigned };
}

class UnassignedGraphController extends GraphController {
    static template = "sdm_kpi.UnassignedGraph";
    static components = { ...GraphController.components, Unassigned };
}

const views = registry.category("views");
views.add("sdm_kpi_pivot", { ...pivotView, Controller: UnassignedPivotController });
views.add("sdm_kpi_graph", { ...graphView, Controller: UnassignedGraphController });

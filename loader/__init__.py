"""`./sdm load`: another CRM's CSV export into Odoo, by a mapping that is a readable file.

From the file to the database, one module a step:

    template    the texts of a mapping: "{product}[ - {account}]"
    mapping     the mapping file, read and checked
    export      the files of the export, read row by row, values cleaned
    records     rows made into records with external ids, as Odoo's import takes them
    rejects     what could not be loaded, with file, row, column, value and reason
    target      the Odoo database: everything that talks to Odoo
    run         one load from start to end

All but `target` work without Odoo.
"""

from . import sdm_position_transfer

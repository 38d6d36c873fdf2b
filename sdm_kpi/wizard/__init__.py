from . import sdm_credit_assign

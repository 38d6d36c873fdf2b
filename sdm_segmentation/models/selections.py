def name_of(record, field):
    """The words of a selection's value in the reader's language, empty where it has no value.

    :param record: one record; :param field: name of a selection
    """
    return dict(record._fields[field]._description_selection(record.env)).get(record[field], "")

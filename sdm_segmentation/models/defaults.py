def drop_defaults(records, names):
    """The records without defaults for these fields: a caller over the wire may send any in the context.

    :param records: records that are about to be created; :param names: fields that only actions write
    """
    unwanted = {f"default_{name}" for name in names}
    if not unwanted & records.env.context.keys():
        return records
    # a key can only be taken out of the context by a new one  pylint: disable=context-overridden
    return records.with_context({key: value for key, value in records.env.context.items() if key not in unwanted})

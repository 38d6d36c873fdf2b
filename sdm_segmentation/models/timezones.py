from datetime import datetime, time

import pytz


def to_utc(date, zone):
    """Midnight of a date in a time zone, as the naive UTC datetime that Odoo stores.

    :param date: the date; :param zone: name of the time zone
    """
    return pytz.timezone(zone).localize(datetime.combine(date, time.min)).astimezone(pytz.utc).replace(tzinfo=None)

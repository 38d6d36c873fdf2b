"""What a roll-out gives to a person, and what is left when one of several roll-outs is taken back.

Roles are ordered: seller < head < director. A roll-out only raises: who has the role or a higher one keeps it. Each
grant remembers the role before and after, so that taking it back leaves what the person would have without it.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

SELLER = "seller"
HEAD = "head"
DIRECTOR = "director"
ROLES = (None, SELLER, HEAD, DIRECTOR)


@dataclass(frozen=True)
class Grant:
    """What one roll-out did to one person.

    :param key: what the caller knows it by; :param role: what the roll-out wants the person to have
    :param before: the role until then, None for none; :param after: the role since then
    """

    key: Hashable
    role: str
    before: str | None
    after: str | None


def higher(one: str | None, other: str | None) -> str | None:
    """The higher of two roles, None for none."""
    return max(one, other, key=ROLES.index)


def grant(key: Hashable, role: str, present: str | None) -> Grant:
    """What giving a role to a person does, who has ``present`` now."""
    return Grant(key, role, present, higher(present, role))


def take_back(grants: Sequence[Grant], key: Hashable, present: str | None) -> tuple[str | None, list[Grant]]:
    """Take one grant back, as if it had never been given.

    Where somebody changed the role by hand after it, that change stays, and so does all that rests on it.

    :param grants: all grants of the person in force, in the order in which they were given
    :param key: of the grant that is taken back; :param present: the role that the person has now
    :return: the role to have from now on, and the later grants that now rest on something else
    """
    index = next(index for index, given in enumerate(grants) if given.key == key)
    role, expected = grants[index].before, grants[index].after
    changed = []
    for later in grants[index + 1 :]:
        if later.before != expected:
            return present, changed
        expected = later.after
        later = replace(later, before=role, after=higher(role, later.role))
        changed.append(later)
        role = later.after
    return (role if present == expected else present), changed

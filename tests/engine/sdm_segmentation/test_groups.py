"""Proposals of customer groups; the naive answer joins companies by walking from neighbour to neighbour."""

from collections import defaultdict
from itertools import combinations

import pytest
from addons.sdm_segmentation.engine.groups import (
    DOMAIN,
    EMAIL,
    LIMITS,
    MEDIUM,
    NAME,
    PARENT,
    STRENGTHS,
    STRONG,
    TAX,
    TAX_ROOT,
    WEAK,
    Company,
    Domains,
    Proposal,
    Sign,
    collect_shared,
    email_addresses,
    name_root,
    propose,
    readable_domain,
    registered_domain,
    signs_of,
    tax_number,
    tidy_name,
    website_host,
)
from hypothesis import given
from hypothesis import strategies as st

DOMAINS = Domains(shared=frozenset(["mail.ru", "vk.com", "tilda.ws"]), suffixes=frozenset(["com.ru", "co.uk"]))


@pytest.mark.parametrize(
    ("names", "root"),
    [
        # legal forms, quotes, case, the letter ё, brackets
        (['ООО "Ёлка"', "ЕЛКА ООО", "«Елка», АО", "О.О.О. 'елка'", "Ёлка (Казань)", "ooo Ёлка"], "elka"),
        (["Общество с ограниченной ответственностью «Вега»", "ПАО Вега", "Vega Ltd.", "VEGA, Inc", "Vega"], "vega"),
        (["Acme GmbH & Co. KG", "ACME s.r.o.", "Acme Sp. z o.o.", "The Acme Corporation", "Acme S.A."], "akme"),
        # the alphabet, by sound
        (["Газпром нефть", "Gazprom Neft", "ГАЗПРОМНЕФТЬ"], "gazpromneft"),
        (["Щука", "Shchuka Ltd", "Schuka"], "shuka"),
        (["Новый мир", "Noviy Mir", "Novyj Mir"], "novimir"),
        (["МТС", "MTS PJSC"], "mts"),
        (["Café Société", "Cafe Societe SAS"], "kafesosiete"),
        # Latin letters in a Russian word
        (["ОOО Ромашкa", "ООО Ромашка"], "romashka"),
        # words of groups
        (["ГК Лютик", "Торговый дом Лютик", "Лютик Холдинг", "Группа компаний «Лютик»", "Liutik Group"], "liutik"),
    ],
)
def test_a_name_without_its_form_and_alphabet(names, root):
    assert {name_root(name) for name in names} == {root}


@pytest.mark.parametrize(
    ("name", "city", "root", "tidy"),
    [
        ("ООО Лютик, г. Москва", "Москва", "liutik", "Лютик"),
        ("Лютик в г.Москва", "Москва", "liutik", "Лютик"),
        ("Филиал ООО «Лютик» Ростов-на-Дону", "Ростов-на-Дону", "liutik", "Лютик"),
        ("Лютик Нью Йорк", "Нью-Йорк", "liutik", "Лютик"),
        ("Москва", "Москва", "moskva", "Москва"),
        ("Лютик Москва", "Казань", "liutikmoskva", "Лютик Москва"),
        ("Ромашка-Сервис ООО", "", "romashkaservis", "Ромашка-Сервис"),
        ("ООО", "", None, "ООО"),
        ("Test", "", None, "Test"),
        ("ИП Иванов Иван", "", None, "ИП Иванов Иван"),
        ("Иванов Иван, индивидуальный предприниматель", "", None, "Иванов Иван индивидуальный предприниматель"),
        ("12345", "", None, "12345"),
        ("3M Company", "", None, "3M"),
        ("", "", None, ""),
        ("(Лютик)", "", "liutik", "Лютик"),
    ],
)
def test_the_own_city_is_not_part_of_a_name(name, city, root, tidy):
    assert (name_root(name, city), tidy_name(name, city)) == (root, tidy)


@pytest.mark.parametrize(
    ("vat", "country", "expected"),
    [
        ("7701234567", "RU", ("RU7701234567", "RU7701234567")),
        ("RU 7701234567", "", ("RU7701234567", "RU7701234567")),
        ("7701234567 / 770101001", "RU", ("RU7701234567770101001", "RU7701234567")),
        ("500100732259", "RU", ("RU500100732259", "RU500100732259")),
        ("NL1234.56.789.B01", "", ("NL123456789B01", "NL123456789")),
        ("FR40303265045", "FR", ("FR40303265045", "FR303265045")),
        ("303 265 045 00014", "FR", ("FR30326504500014", "FR303265045")),
        ("GB123456789001", "", ("GB123456789001", "GB123456789")),
        ("12.345.678/0001-95", "BR", ("BR12345678000195", "BR12345678")),
        ("0101234567-001", "VN", ("VN0101234567001", "VN0101234567")),
        ("SE556036079301", "", ("SE556036079301", "SE5560360793")),
        ("EL123456789", "GR", ("GR123456789", "GR123456789")),
        ("DE123456789", "AT", ("DE123456789", "DE123456789")),
        ("ABC680524P76", "MX", ("MXABC680524P76", "MXABC680524P76")),
        ("0000000000", "RU", None),
        ("/", "RU", None),
        ("n/a", "", None),
        ("", "", None),
        ("1234", "", None),
    ],
)
def test_a_tax_number_and_its_root(vat, country, expected):
    assert tax_number(vat, country) == expected


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("romashka.ru", "romashka.ru"),
        ("www.shop.romashka.ru", "romashka.ru"),
        ("spb.romashka.com.ru", "romashka.com.ru"),
        ("romashka.co.uk", "romashka.co.uk"),
        ("РОМАШКА.рф", "xn--80aa3agjl3d.xn--p1ai"),
        ("co.uk", None),
        ("mail.ru", None),
        ("mx.mail.ru", None),
        ("lutik.tilda.ws", None),
        ("192.168.0.1", None),
        ("localhost", None),
        ("a..b", None),
        ("", None),
        ("-" * 70 + ".ru", None),
    ],
)
def test_the_domain_that_a_company_registered(host, domain):
    assert registered_domain(host, DOMAINS) == domain


def test_a_domain_is_shown_in_its_own_letters():
    assert readable_domain("xn--80aa3agjl3d.xn--p1ai") == "ромашка.рф"
    assert readable_domain("romashka.ru") == "romashka.ru"
    assert readable_domain("xn--\xff") == "xn--\xff"


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Ivan <I.van@X.ru>; b@y.ru,", ["i.van@x.ru", "b@y.ru"]),
        ("a@ромашка.рф", ["a@ромашка.рф"]),
        ("no address", []),
        ("", []),
    ],
)
def test_addresses_in_a_field(text, addresses):
    assert email_addresses(text) == addresses


@pytest.mark.parametrize(
    ("website", "host"),
    [
        ("https://u:p@www.x.ru:80/p?x", "www.x.ru"),
        ("x.ru/about", "x.ru"),
        ("http://x.ru?utm=1", "x.ru"),
        ("x.ru, y.ru", "x.ru"),
        ("", ""),
    ],
)
def test_the_host_of_a_website(website, host):
    assert website_host(website) == host


def test_the_signs_of_a_company():
    company = Company(
        1,
        "ООО Лютик",
        "Москва",
        "7701234567/770101001",
        "",
        ("info@lutik.ru; lutik@mail.ru",),
        "https://lutik.com.ru",
        9,
    )
    assert set(signs_of(company, DOMAINS, "RU")) == {
        Sign(TAX, "RU7701234567770101001"),
        Sign(TAX_ROOT, "RU7701234567"),
        Sign(PARENT, 9),
        Sign(EMAIL, "info@lutik.ru"),
        Sign(EMAIL, "lutik@mail.ru"),
        Sign(DOMAIN, "lutik.ru"),
        Sign(DOMAIN, "lutik.com.ru"),
        Sign(NAME, "liutik"),
    }
    person = Company(2, "Лютик", vat="500100732259", is_person=True)
    assert set(signs_of(person, DOMAINS)) == {Sign(TAX, "500100732259"), Sign(TAX_ROOT, "500100732259")}


def test_only_what_several_companies_have_is_kept():
    vat, name, parent = Sign(TAX, "RU1"), Sign(NAME, "a"), Sign(PARENT, 7)
    pairs = [(1, vat), (1, vat), (1, name), (2, name), (1, name), (3, name), (2, parent)]
    assert collect_shared(pairs) == {name: [1, 2, 3], parent: [2]}


def shared(**keys):
    """Signs by kind: tax=[1, 2] is a tax number of 1 and 2."""
    return {Sign(kind, f"{kind} value"): members for kind, members in keys.items()}


def found(proposals):
    return [(proposal.members, proposal.group, proposal.strength) for proposal in proposals]


def test_companies_are_joined_through_each_other_with_the_strength_of_the_weakest_link():
    by_domain = {**shared(tax=[1, 2], name=[3, 4]), Sign(DOMAIN, "a"): [2, 5], Sign(DOMAIN, "b"): [6, 7]}
    by_domain[Sign(NAME, "twice")] = [1, 2]
    assert found(propose(by_domain)) == [((1, 2, 5), None, MEDIUM), ((3, 4), None, WEAK), ((6, 7), None, MEDIUM)]
    [first, *_rest] = propose(by_domain)
    tax, domain, name = Sign(TAX, "tax value"), Sign(DOMAIN, "a"), Sign(NAME, "twice")
    assert first.signs == {1: (tax, name), 2: (tax, domain, name), 5: (domain,)}


def test_a_parent_is_joined_with_its_children():
    parent = Sign(PARENT, 3)
    assert propose({parent: [1]}) == [Proposal((1, 3), None, STRONG, {1: (parent,), 3: (parent,)})]


def test_an_address_is_told_without_its_domain():
    [proposal] = propose({Sign(EMAIL, "a@b.ru"): [1, 2], Sign(DOMAIN, "b.ru"): [1, 2]})
    assert proposal.signs[1] == (Sign(EMAIL, "a@b.ru"),)


def test_a_root_is_told_only_of_different_numbers():
    twins = propose({Sign(TAX, "RU1/1"): [1, 2], Sign(TAX_ROOT, "RU1"): [1, 2]})
    branches = propose({Sign(TAX, "RU1/1"): [1], Sign(TAX, "RU1/2"): [2], Sign(TAX_ROOT, "RU1"): [1, 2]})
    assert [proposal.signs[1] for proposal in twins + branches] == [(Sign(TAX, "RU1/1"),), (Sign(TAX_ROOT, "RU1"),)]


@pytest.mark.parametrize(("kind", "strength"), [(NAME, WEAK), (DOMAIN, MEDIUM), (EMAIL, MEDIUM), (TAX, STRONG)])
def test_what_many_share_is_no_sign(kind, strength):
    most = LIMITS[strength]
    assert found(propose(shared(**{kind: range(most)}))) == [(tuple(range(most)), None, strength)]
    assert propose(shared(**{kind: range(most + 1)})) == []


def test_a_group_is_extended_and_two_groups_stay_apart():
    signs = {Sign(DOMAIN, "a"): [1, 2, 3], Sign(NAME, "b"): [3, 4], Sign(TAX, "c"): [5, 6]}
    groups = {1: "G", 2: "G", 4: "H", 5: "I", 6: "I", 7: "G"}
    assert found(propose(signs, groups)) == [((1, 2, 3, 7), "G", MEDIUM)]


def test_a_company_between_two_groups_goes_to_the_one_that_has_more_of_the_sign():
    assert found(propose(shared(domain=[1, 2, 3, 4]), {1: "G", 2: "H", 3: "H"})) == [((2, 3, 4), "H", MEDIUM)]


def test_what_was_refused_is_not_proposed_again():
    signs = shared(domain=[1, 2, 3])
    assert propose(signs, refused=combinations([1, 2, 3], 2)) == []
    # nor with a newcomer: the sign has been judged
    assert propose(shared(domain=[1, 2, 3, 4]), refused=combinations([1, 2, 3], 2)) == []
    # another sign is another question, but never about the same pair
    more = {**shared(domain=[1, 2, 3]), Sign(TAX, "x"): [3, 4], Sign(NAME, "y"): [2, 4]}
    assert found(propose(more, refused=combinations([1, 2, 3], 2))) == [((3, 4), None, STRONG)]


def test_a_company_left_out_of_an_accepted_group_stays_out():
    signs, groups, refused = shared(domain=[1, 2, 3, 4]), {1: "G", 2: "G"}, [(1, 3), (2, 3)]
    assert found(propose(signs, groups, refused)) == [((1, 2, 4), "G", MEDIUM)]


# -- properties -------------------------------------------------------------------------------------------------------

KEYS = st.integers(0, 14)
SIGNS = st.dictionaries(
    st.builds(Sign, st.sampled_from([kind for kind in STRENGTHS if kind != PARENT]), st.sampled_from("abcde"))
    | st.builds(Sign, st.just(PARENT), KEYS),
    st.lists(KEYS, max_size=6),
    max_size=12,
)
GROUPS = st.dictionaries(KEYS, st.sampled_from("GH"), max_size=5)
REFUSED = st.lists(st.tuples(KEYS, KEYS).filter(lambda pair: pair[0] != pair[1]), max_size=5)


def walk(signs):
    """Connected companies by walking, for signs without groups and refusals."""
    near = defaultdict(set)
    for sign, keys in signs.items():
        for one, other in combinations({*keys, sign.value} if sign.kind == PARENT else set(keys), 2):
            near[one].add(other)
            near[other].add(one)
    seen, parts = set(), []
    for start in sorted(near):
        if start not in seen:
            part, new = set(), {start}
            while new:
                part |= new
                new = {other for key in new for other in near[key]} - part
            seen |= part
            parts.append(tuple(sorted(part)))
    return parts


@given(SIGNS)
def test_it_joins_what_a_walk_connects(signs):
    assert [proposal.members for proposal in propose(signs)] == walk(signs)


@given(SIGNS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(signs, random):
    rows = [(sign, random.sample(keys, len(keys))) for sign, keys in signs.items()]
    random.shuffle(rows)
    assert propose(dict(rows)) == propose(signs)


@given(SIGNS, GROUPS, REFUSED)
def test_each_company_is_in_one_proposal_with_a_reason_and_one_group(signs, groups, refused):
    proposals = propose(signs, groups, [pair for pair in refused if groups.get(pair[0]) is None])
    members = [key for proposal in proposals for key in proposal.members]
    assert len(members) == len(set(members))
    for proposal in proposals:
        newcomers = [key for key in proposal.members if key not in groups]
        assert newcomers and all(proposal.signs[key] for key in newcomers)
        assert {groups[key] for key in proposal.members if key in groups} == {proposal.group} - {None}
        if proposal.group:
            assert {key for key, group in groups.items() if group == proposal.group} <= set(proposal.members)
        for key, own in proposal.signs.items():
            for sign in own:
                assert any(other != key and sign in proposal.signs.get(other, ()) for other in proposal.members)


@given(SIGNS, REFUSED)
def test_a_refused_pair_is_never_together(signs, refused):
    for proposal in propose(signs, refused=refused):
        assert not any(set(pair) <= set(proposal.members) for pair in refused)


@given(SIGNS)
def test_what_was_decided_is_not_asked_again(signs):
    proposals = propose(signs)
    accepted = {key: f"group {index}" for index, proposal in enumerate(proposals) for key in proposal.members}
    assert propose(signs, accepted) == []
    refused = [pair for proposal in proposals for pair in combinations(proposal.members, 2)]
    assert propose(signs, refused=refused) == []


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_text_is_taken(text, city):
    signs = list(signs_of(Company(1, text, city, text, "", (text,), text), DOMAINS))
    assert len(set(signs)) == len(signs)
    assert all(len(sign.value) >= 3 for sign in signs)
    assert bool(tidy_name(text, city)) == bool(text.strip())


def test_a_proposal_is_a_value():
    assert propose(shared(tax=[2, 1])) == [
        Proposal((1, 2), None, STRONG, {1: (Sign(TAX, "tax value"),), 2: (Sign(TAX, "tax value"),)})
    ]

"""Invented names: places that do not exist, wards after trees and rivers, people by their part."""

PLACES = (
    "Northmoor", "Easterdale", "Wolderness", "Fenbridge", "Harrowmere", "Saltcombe Bay",
    "Thornwater", "Middlefell", "Ashenvale", "Kestrel Coast", "Lanfordshire", "Marshwick",
    "Oakhaven", "Pennhollow", "Quarrymoor", "Ravensholt", "Silverbourne", "Tarnbeck", "Umberland",
    "Valemouth", "Westerfold", "Wychmoor", "Yarrowdale", "Brackendale", "Coldwater Hills",
    "Dunmere", "Eldermoor", "Foxhollow", "Greywater", "Highfold", "Larkspur", "Heronbrook",
    "Common Ground",
)  # fmt: skip

ODS_CODES = tuple(
    f"Z{chr(65 + number % 26)}{number % 10}"
    if number % 3
    else f"Z{number % 10}{chr(65 + number % 26)}{number // 10}Z"
    for number in range(1, 34)
)
"""Shaped like ODS codes, some of three characters and some of five; none is looked up."""

TREES = (
    "Alder", "Ash", "Aspen", "Beech", "Birch", "Blackthorn", "Cedar", "Cherry", "Chestnut",
    "Cypress", "Elder", "Elm", "Fir", "Hawthorn", "Hazel", "Holly", "Hornbeam", "Juniper", "Larch",
    "Laurel", "Linden", "Magnolia", "Maple", "Medlar", "Mulberry", "Myrtle", "Oak", "Olive",
    "Pear", "Pine", "Poplar", "Rowan", "Spindle", "Spruce", "Sycamore", "Walnut", "Willow", "Yew",
)  # fmt: skip

RIVERS = (
    "Aire", "Arun", "Avon", "Bure", "Calder", "Cam", "Cherwell", "Dart", "Derwent", "Dove", "Eden",
    "Exe", "Fowey", "Kennet", "Lune", "Medway", "Mersey", "Nene", "Nidd", "Orwell", "Ouse",
    "Ribble", "Severn", "Soar", "Stour", "Swale", "Tamar", "Tees", "Teme", "Thames", "Trent",
    "Tyne", "Ure", "Wear", "Wensum", "Wharfe", "Windrush", "Witham", "Wye",
)  # fmt: skip

FIRST_PHONE = 900_000
"""Ofcom keeps 07700 900000 to 900999 for drama: nobody can be rung there."""


def phone(number: int) -> str:
    """Return the telephone number of the ``number``-th person."""
    if number > 999:
        raise ValueError("there are a thousand telephone numbers for drama, and no more")
    return f"07700 {FIRST_PHONE + number}"


def domain(organisation: int) -> str:
    """Return the mail domain of an organisation; nothing under ``.example`` exists."""
    return f"{PLACES[organisation - 1].lower().replace(' ', '-')}.nhs.example"


PROGRAMME_DOMAIN = "mha-qi.example"

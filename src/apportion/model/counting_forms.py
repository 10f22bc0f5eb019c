"""The YAML forms of how a split counts quantities, and how it takes over."""

from __future__ import annotations

from apportion.model.forms import AMOUNT, FACTOR, MONTH, NAME, PART, VALUES, WHOLE
from apportion.model.shape import Choice, Either, Form, Items, Key, Table

TIER = Form(
    "a tier",
    {
        "up_to": Key(AMOUNT, "Units up to here; the last tier has none."),
        "weight": Key(FACTOR, "What each unit within it counts.", needed=True),
    },
)
MULTIPLIERS = Form(
    "multipliers",
    {
        "teams": Key(Table(NAME, FACTOR), "Team to what its quantity is multiplied by."),
        "stages": Key(
            Table(NAME, FACTOR),
            "Stage of a product to what its teams' quantities are multiplied by.",
        ),
    },
)
WEIGHTED_DRIVER = Either(
    scalar=PART,
    mapping=Form(
        "a weighted driver",
        {
            "weight": Key(PART, "Its weight, where weights are stated."),
            "services": Key(VALUES, "The services it stands for; * and ? are wildcards."),
        },
    ),
    expected="a weight, or `weight` and `services`",
)
COUNTING_KEYS = {
    "tiers": Key(Items(TIER), "Units count less, or more, the more a receiver uses; marginal."),
    "at_most": Key(AMOUNT, "No receiver's quantity counts beyond this."),
    "multipliers": Key(MULTIPLIERS, "Quantities that count more or less, by team or stage."),
    "grain": Key(
        Choice(("period", "day"), "a grain"),
        "For driver and weighted: day splits the cost of each day by its own quantities.",
    ),
    "weights": Key(
        Choice(("stated", "cost"), "where weights come from"),
        "For weighted: cost takes weights from what the `services` of each driver cost.",
    ),
    "drift": Key(
        PART, "For weighted: percentage points between stated weight and cost; 5 when left out."
    ),
}
TAKEOVER_KEYS = {
    "months": Key(WHOLE, "Over how many months.", needed=True),
    "from": Key(MONTH, "The first of these months.", needed=True),
}

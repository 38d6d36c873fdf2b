"""Plans: from a goal to the targets of people and months, and how far they are."""

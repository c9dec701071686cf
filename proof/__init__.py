"""The instruments that docs/proof.md's figures come from: faults, and speed and cost. They stay on the laptop."""

"""What only the laptop needs: the local world, its clock, and the `rapport` command."""

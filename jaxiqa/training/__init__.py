"""How pocket nets come by their function: goals on one world of images, steps, runs that resume."""

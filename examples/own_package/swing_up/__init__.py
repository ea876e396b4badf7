"""A task and a search method for eureka-harness."""

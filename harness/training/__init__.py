"""Policies: trained by rl-games with a reward program, evaluated without one."""

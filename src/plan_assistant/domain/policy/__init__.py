"""Policy as data: what a plan may be, who may grant it, and where each limit comes from."""

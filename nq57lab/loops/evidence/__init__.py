"""Evidence for links: series of the nodes, panel regression, grades with reasons."""

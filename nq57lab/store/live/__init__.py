"""Live sources: series asked of statistical services, each answer a vintage of the store with the request and the raw answer kept."""

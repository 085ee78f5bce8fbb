"""The data store: what people send is read, checked, appended; forms, deliveries, roll-ups and exports."""

"""Staff screens that read several apps: today, pipeline, messages, chart, calendar."""

"""The provider-terms catalog: what LLM providers do with prompts, typed, dated and with evidence."""

{
    "name": "Social Care: Plaza",
    "summary": "Answer what people say on Plaza",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "author": "Example Ltd",
    "depends": ["social_care"],
}

"""A stand-in for Amazon Lex V2's runtime: the same contract, another brain.

It understands by a small classifier of its own, trained when it is first asked on the bot's sample utterances. What it
takes for an intent, and how sure it is, says nothing about what Lex's model would: score the real bot itself.

Modelled: sessions, slots, prompts and retries, confirmation, both code hooks, contexts, closing and fallback.
Not modelled, and named by `bot.not_modelled` where a bot uses it: conditional branches and next steps, Kendra, Bedrock
and other answers from documents, composite, multi-valued and external slot types, wait-and-continue, updates while
a hook runs, sentiment, custom vocabulary, speech and keypad, and a bot that comes as a zip.

Where Lex's documentation is silent, it does what is harder on a function: slots that a hook doesn't echo are lost, a
Close without messages says nothing, attributes that nobody set are null. A turn that fails leaves the session be.
"""

NOTE = "This is a stand-in for Amazon Lex: the same contract, another brain."

import fc from 'fast-check';

// The same cases in every run, so that a red test is about the change; a search for new ones gives a seed of its own.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_126) });

// The precompiled header needs one unit to be built with.

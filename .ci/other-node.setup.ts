// Tests that start processes of their own start them in the same Node. What
// that program preloads is for Node alone, not for the shell that starts it.
process.execPath = process.env.FACEWIRE_TEST_NODE!;
delete process.env.LD_PRELOAD;

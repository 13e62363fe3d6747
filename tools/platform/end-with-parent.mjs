// Loaded into every process of the platform before its own code. The channel to the parent closes when the parent is gone,
// however it went (also by kill -9) and however early: then this process drains as if told to stop, and leaves even if it cannot.
const DRAIN_MILLISECONDS = 10_000;

if (process.channel) {
  process.on('disconnect', () => {
    process.stdout.on('error', () => {}); // Nobody reads any more.
    process.stderr.on('error', () => {});
    setTimeout(() => process.exit(1), DRAIN_MILLISECONDS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  process.channel.unref(); // The channel alone is no reason to stay.
}

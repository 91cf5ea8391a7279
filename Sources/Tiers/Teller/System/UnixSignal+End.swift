import UnixSignals

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension UnixSignal {
    /// Ends the process as the signal does where nothing traps it, so that a shell sees the same.
    func endProcess() {
        signal(rawValue, SIG_DFL)
        // Threads that run tasks may block signals, and a blocked one would only wait.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, rawValue)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(rawValue)
    }
}

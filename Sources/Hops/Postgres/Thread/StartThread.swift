internal import Foundation

/// Starts a detached thread.
///
/// - Returns: False when the system has no more threads to give.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(ThreadBody(run: body))
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let outcome = pthread_create(
        &thread, nil,
        { argument in
            pthread_detach(pthread_self())
            // Optional on some platforms.
            let argument: UnsafeMutableRawPointer? = argument
            if let argument {
                Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
            }
            return nil
        }, box.toOpaque())
    if outcome != 0 { box.release() }
    return outcome == 0
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The system calls of the reactor, under names that no method hides.
enum System {
    static let readable = Int16(POLLIN)
    static let writable = Int16(POLLOUT)

    fileprivate static func poll(_ descriptors: inout [pollfd], milliseconds: Int32) {
        descriptors.withUnsafeMutableBufferPointer { buffer in
            // EINTR and ENOMEM are told by no event being set: the caller goes round again.
            #if canImport(Darwin)
            _ = Darwin.poll(buffer.baseAddress, nfds_t(buffer.count), milliseconds)
            #elseif canImport(Musl)
            _ = Musl.poll(buffer.baseAddress, nfds_t(buffer.count), milliseconds)
            #else
            _ = Glibc.poll(buffer.baseAddress, nfds_t(buffer.count), milliseconds)
            #endif
        }
    }

    /// A number that no two live threads share.
    static var currentThread: UInt {
        #if canImport(Darwin) || canImport(Musl)
        UInt(bitPattern: pthread_self())
        #else
        UInt(pthread_self())
        #endif
    }

    /// Starts a detached thread.
    /// - Returns: false when the system has no more threads to give.
    static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(ThreadBody(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let outcome = pthread_create(&thread, &attributes, threadMain, box.toOpaque())
        if outcome != 0 { box.release() }
        return outcome == 0
    }
}

/// What poll(2) waits for, in one array that is used again and again.
struct PollSet {
    private var descriptors: [pollfd] = []

    mutating func removeAll() {
        descriptors.removeAll(keepingCapacity: true)
    }

    mutating func append(_ descriptor: Int32, events: Int16) {
        descriptors.append(pollfd(fd: descriptor, events: events, revents: 0))
    }

    /// - Parameter milliseconds: the longest wait; −1 for no end.
    mutating func wait(milliseconds: Int32) {
        System.poll(&descriptors, milliseconds: milliseconds)
    }

    /// Whether the descriptor appended at `index` is ready, closed or in error.
    func isReady(_ index: Int) -> Bool {
        descriptors[index].revents != 0
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

#if canImport(Darwin)
private func threadMain(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
#else
private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
#endif

/// A pipe to itself: a write from any thread ends the reactor's wait.
final class WakePipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    /// - Returns: nil when the process has no more descriptors.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func signal() {
        // A full pipe is as good: the reader has something to wake up for.
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    func clear() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) {
            _ = read(readEnd, $0.baseAddress, 64)
        }
    }
}

internal import Foundation

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Starts programs by posix_spawn: Foundation's `Process` takes a program to run as long as any
/// descendant does, and `pg_ctl start` leaves a server behind.
enum Spawn {
    /// - Parameters:
    ///   - words: the program, looked up in PATH, and its arguments.
    ///   - input: what becomes its standard input; nil for nothing.
    ///   - output: what becomes its standard output and standard error; nil to drop it.
    /// - Returns: its process id.
    static func start(
        _ words: [String], environment: [String: String], input: Int32?, output: Int32?
    ) throws(SpawnError) -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let streams = [input, output, output]
        for (stream, source) in streams.enumerated() {
            if let source {
                posix_spawn_file_actions_adddup2(&actions, source, Int32(stream))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(stream), "/dev/null", O_RDWR, 0)
            }
        }
        // Else the sockets of tests in this process would stay open in what it starts.
        for descriptor in openDescriptors where descriptor > 2 {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        let arguments = words.map { strdup($0) }
        let variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let status = posix_spawnp(
            &pid, words.first ?? "", &actions, nil, arguments + [nil], variables + [nil])
        guard status == 0 else { throw SpawnError(program: words.first ?? "", errno: status) }
        return pid
    }

    /// A process that serves many at once has more than any bound says.
    private static var openDescriptors: [Int32] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")
        return names?.compactMap { Int32($0) } ?? Array(3..<1024)
    }

    /// Blocks until the program ends, and leaves it to `wait` to take it away.
    /// - Returns: as `wait`.
    static func waitKeepingNumber(for pid: pid_t) -> Int32 {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        #if canImport(Glibc)
        let status = info._sifields._sigchld.si_status
        #else
        let status = info.si_status
        #endif
        return info.si_code == CLD_EXITED ? status : 128 + status
    }

    /// Blocks until the program ends.
    /// - Returns: its exit status; 128 and the signal's number when a signal ended it.
    static func wait(for pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

/// A program that could not be started.
public struct SpawnError: Error {
    public let program: String
    public let errno: Int32
}

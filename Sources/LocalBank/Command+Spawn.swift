#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension Command {
    /// Starts a server that outlives this process.
    ///
    /// It leads a session of its own without a terminal, reads nothing, appends its output to a log,
    /// inherits no other descriptor, and has the default reaction to every signal.
    ///
    /// - Throws: `LocalBankError.Code.spawnFailed`.
    func spawn(log: String) throws(LocalBankError) -> ProcessIdentity {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        let flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_CLOEXEC_DEFAULT
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        // POSIX_SPAWN_SETSID of glibc and musl, which their headers show to GNU sources only.
        let flags = Int32(0x80)
        // Descriptors that this process was given without the flag, by a shell for example, are
        // for no child of it.
        for file in Files.names(in: "/proc/self/fd").compactMap(Int32.init) where file > 2 {
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        }
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)

        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // A command that handles Ctrl-C ignores SIGINT, and exec would hand that on.
        for number in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2] {
            sigaddset(&signals, number)
        }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let all = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(flags)
        posix_spawnattr_setflags(&attributes, Int16(all))

        var argv = words.map { strdup($0) } + [nil]
        var envp = variables.entries.map { strdup($0.map(CChar.init(bitPattern:))) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, words[0], &actions, &attributes, &argv, &envp)
        guard result == 0 else {
            throw LocalBankError(
                .spawnFailed, "cannot run \(words[0]): \(Host.message(result))", logPath: log)
        }
        // A child that has ended already is a zombie, which has no identity: the number is kept,
        // because it cannot be used again before it is waited for.
        return ProcessIdentity(pid: pid) ?? ProcessIdentity(pid: pid, startTime: 0, bootID: "")
    }
}

/// How a child ended.
enum ChildExit: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signaled(Int32)

    /// Waits for a child without blocking; nil while it runs, or when it is not a child.
    init?(reaping pid: Int32) {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signaled(signal)
    }

    var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signaled(let number): "signal \(number)"
        }
    }
}

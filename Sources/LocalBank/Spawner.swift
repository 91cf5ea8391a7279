#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Starts a server that outlives this process.
///
/// It leads a session of its own without a terminal, reads nothing, appends its output to a log,
/// inherits no other descriptor, and has the default reaction to every signal.
struct Spawner {
    let executable: String
    let arguments: [String]
    /// All of its variables. Secrets belong here: arguments can be read by every user.
    let environment: Variables
    let logPath: String

    func spawn() throws(LocalBankError) -> ProcessIdentity {
        var actions = FileActions()
        var attributes = Attributes()
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, 1, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        setAttributes(&attributes)

        var argv = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp =
            environment.entries.map { $0.map(CChar.init(bitPattern:)) }.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, executable, &actions, &attributes, &argv, &envp)
        guard result == 0 else {
            throw LocalBankError(
                .spawnFailed, "cannot run \(executable): \(Host.message(result))",
                logPath: logPath)
        }
        // A child that has ended already is a zombie, which has no identity: the number is kept,
        // because it cannot be used again before it is waited for.
        return ProcessIdentity(pid: pid) ?? ProcessIdentity(pid: pid, startTime: 0, bootID: "")
    }

    #if canImport(Darwin)
    private typealias FileActions = posix_spawn_file_actions_t?
    private typealias Attributes = posix_spawnattr_t?
    #else
    private typealias FileActions = posix_spawn_file_actions_t
    private typealias Attributes = posix_spawnattr_t
    #endif

    private func setAttributes(_ attributes: inout Attributes) {
        posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // A command that handles Ctrl-C ignores SIGINT, and exec would hand that on.
        for number in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2] {
            sigaddset(&signals, number)
        }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        #if canImport(Darwin)
        flags |= Int32(POSIX_SPAWN_SETSID) | Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
        // POSIX_SPAWN_SETSID of glibc and musl, which their headers show to GNU sources only.
        flags |= 0x80
        closeOthersOnExec()
        #endif
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    #if !canImport(Darwin)
    /// Descriptors that this process was given without the flag, by a shell for example, are
    /// for no child of it.
    private func closeOthersOnExec() {
        for file in Files.names(in: "/proc/self/fd").compactMap(Int32.init) where file > 2 {
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        }
    }
    #endif
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

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The signals that end a process; their numbers are the same on every system.
enum Signal: Int32, Sendable {
    case SIGINT = 2
    case SIGQUIT = 3
    case SIGKILL = 9
    case SIGTERM = 15
}

/// A process that cannot be mistaken for a later one with its number.
struct ProcessIdentity: Codable, Sendable, Equatable {
    var pid: Int32
    /// Linux: clock ticks since the boot, proc_pid_stat(5). macOS: microseconds since 1970.
    var startTime: UInt64
    /// Linux: ticks start again with each boot, so which boot it was. Empty on macOS.
    var bootID: String

    var isAlive: Bool {
        // One that this process started stays a zombie until it is waited for.
        var status: Int32 = 0
        if waitpid(pid, &status, WNOHANG) == pid { return false }
        return ProcessIdentity(pid: pid) == self
    }

    /// Servers lead a session of their own.
    var leadsItsSession: Bool { getsid(pid) == pid }

    /// Sends a signal, only if the process is still the one that was meant.
    ///
    /// SIGKILL is for the processes that it started as well: a server leads its own group.
    func signal(_ signal: Signal) {
        guard isAlive else { return }
        kill(signal == .SIGKILL ? -pid : pid, signal.rawValue)
    }
}

#if canImport(Darwin)
extension ProcessIdentity {
    /// The process that has this number now, unless it is only waiting to be reaped.
    init?(pid: Int32) {
        var request = [CTL_KERN, KERN_PROC, KERN_PROC_PID, pid]
        var info = kinfo_proc()
        var size = MemoryLayout<kinfo_proc>.stride
        guard pid > 0, sysctl(&request, UInt32(request.count), &info, &size, nil, 0) == 0, size > 0,
            Int32(info.kp_proc.p_stat) != SZOMB
        else { return nil }
        let start = info.kp_proc.p_un.__p_starttime
        self.init(
            pid: pid, startTime: UInt64(start.tv_sec) * 1_000_000 + UInt64(start.tv_usec),
            bootID: "")
    }

    /// Seconds since 1970, of one that is alive.
    var startedAtSeconds: Int { Int(startTime / 1_000_000) }
}
#else
extension ProcessIdentity {
    /// The process that has this number now, unless it is only waiting to be reaped.
    init?(pid: Int32) {
        guard pid > 0, let text = Files.text(of: "/proc/\(pid)/stat", limit: 4096),
            // The second field is the command's name in brackets, which may hold anything.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        // Counting from the third field: state is the first, starttime (22) the twentieth.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X",
            let startTime = UInt64(fields[19])
        else { return nil }
        let boot = Files.text(of: "/proc/sys/kernel/random/boot_id", limit: 64) ?? ""
        self.init(pid: pid, startTime: startTime, bootID: boot.trimmed)
    }

    /// Seconds since 1970, of one that is alive.
    var startedAtSeconds: Int {
        let uptime = Files.text(of: "/proc/uptime", limit: 64).flatMap {
            Double($0.prefix { $0 != " " })
        }
        let age = (uptime ?? 0) - Double(startTime) / Double(sysconf(Int32(_SC_CLK_TCK)))
        return Host.unixTimeSeconds - Int(max(0, age))
    }
}
#endif

import Subprocess
import Testing

#if canImport(System)
import System
#else
import SystemPackage
#endif

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What the real executable, run as a process, printed and ended with.
struct TellerProcess: Sendable {
    var status: Int32?
    var output: String
    var errors: String

    /// The lines on standard error.
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

    /// Runs `teller` to its end with an environment of its own.
    static func run(
        _ arguments: String..., server: String? = nil, environment: [String: String] = [:]
    ) async throws -> TellerProcess {
        try await run(arguments, server: server, environment: environment)
    }

    static func run(
        _ arguments: [String], server: String?, environment: [String: String]
    ) async throws -> TellerProcess {
        try await run(executable(), arguments, server, environment)
    }

    /// Runs a shell's line in which `$teller` is the executable.
    static func shell(
        _ line: String, server: String? = nil, environment: [String: String] = [:]
    ) async throws -> TellerProcess {
        var environment = environment
        environment["teller"] = try executable()
        return try await run("/bin/sh", ["-c", line], server, environment)
    }

    private static func run(
        _ path: String, _ arguments: [String], _ server: String?, _ environment: [String: String]
    ) async throws -> TellerProcess {
        // A home without a bank, so that none of this machine's is asked.
        var variables: [Environment.Key: String] = [
            "PATH": "/usr/bin:/bin", "TELLER_HOME": "/nonexistent/teller", "LC_ALL": "C",
            // More than a busy machine takes, where the test says nothing of time.
            "TELLER_TIMEOUT": "60s",
        ]
        if let server { variables["TELLER_SERVER"] = server }
        for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments),
            environment: .custom(variables), output: .string(limit: 1 << 24),
            error: .string(limit: 1 << 20))
        var status: Int32?
        if case .exited(let code) = result.terminationStatus { status = Int32(code) }
        return TellerProcess(
            status: status, output: result.standardOutput, errors: result.standardError)
    }

    /// The executable that was built with these tests: above the folder of their own binary.
    private static func executable() throws -> String {
        var folder = FilePath(try ownPath())
        while folder.removeLastComponent() {
            let candidate = folder.appending("teller").string
            if access(candidate, X_OK) == 0 { return candidate }
        }
        throw Missing()
    }

    private static func ownPath() throws -> String {
        #if canImport(Darwin)
        var info = Dl_info()
        #expect(dladdr(#dsohandle, &info) != 0)
        return String(cString: try #require(info.dli_fname))
        #else
        let path = try #require(realpath("/proc/self/exe", nil))
        defer { free(path) }
        return String(cString: path)
        #endif
    }

    struct Missing: Error, CustomStringConvertible {
        var description: String { "no executable 'teller' beside the tests: build the package" }
    }

    /// Expects a failure that says one thing, and prints nothing else.
    func expectFailure(
        _ status: Int32, saying words: String..., location: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == status, "\(errors)", sourceLocation: location)
        #expect(output.isEmpty, sourceLocation: location)
        #expect(errorLines.count == 1, "\(errors)", sourceLocation: location)
        #expect(errors.hasPrefix("teller: "), sourceLocation: location)
        for word in words {
            #expect(errors.contains(word), "\(errors)", sourceLocation: location)
        }
    }
}

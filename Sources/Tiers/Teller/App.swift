import ArgumentParser

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `teller`, the front client: tier 1 of the chain.
@main
enum App {
    static func main() async {
        StandardStreams.prepare()
        let status =
            if let number = numberOfArgumentWithoutText() {
                complain(.notText(argument: number))
            } else {
                await run(
                    CommandSyntax.joined(
                        withOptionsBehindTheCommand(Array(CommandLine.arguments.dropFirst()))))
            }
        // The process ends here, with its connections: closing them one by one would take time.
        exit(status.rawValue)
    }

    /// The first argument that is not UTF-8, from 1: Swift would put other characters in its place.
    private static func numberOfArgumentWithoutText() -> Int? {
        (1..<max(1, Int(CommandLine.argc))).first { number in
            guard let argument = CommandLine.unsafeArgv[number] else { return false }
            return String(validatingCString: argument) == nil
        }
    }

    /// Runs the command that the arguments name and says on standard error why it failed.
    static func run(_ arguments: [String]) async -> ExitStatus {
        if let error = TellerError.unknownCommand(arguments) { return complain(error) }
        do {
            var command = try TellerCommand.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .ok
        } catch let failure as CommandFailure {
            for error in failure.errors { complain(error) }
            return failure.errors.first?.status ?? .software
        } catch let error as TellerError {
            return complain(error)
        } catch {
            return answerParser(error, arguments)
        }
    }

    /// The options that say how to reach the bank may stand before the command as well:
    /// `teller --server URL balance ACCOUNT`.
    static func withOptionsBehindTheCommand(_ arguments: [String]) -> [String] {
        let names = ["--server", "--ca", "--timeout", "--settings"]
        var rest = arguments[...]
        var options: [String] = []
        while let first = rest.first {
            let length = names.contains(first) ? 2 : 1
            guard length == 2 || names.contains(where: { first.utf8.starts(with: "\($0)=".utf8) })
            else { break }
            options += rest.prefix(length)
            rest = rest.dropFirst(length)
        }
        guard let command = rest.popFirst() else { return arguments }
        return [command] + options + rest
    }

    /// Prints what argument-parser asks for: a help text, the version, or what is wrong with the
    /// arguments.
    private static func answerParser(_ error: any Error, _ arguments: [String]) -> ExitStatus {
        guard TellerCommand.exitCode(for: error) == .success else {
            let error = TellerError.usage(TellerCommand.message(for: error), arguments: arguments)
            return complain(error)
        }
        do throws(TellerError) {
            let text = TellerCommand.fullMessage(
                for: error, columns: Terminal.standardOutput().drawingColumns)
            try StandardStreams.write(text + "\n")
            return .ok
        } catch {
            return complain(error)
        }
    }

    @discardableResult
    private static func complain(_ error: TellerError) -> ExitStatus {
        StandardStreams.complain(error.line)
        for detail in error.details { StandardStreams.complain(detail.printable) }
        return error.status
    }
}

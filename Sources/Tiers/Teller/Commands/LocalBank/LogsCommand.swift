import ArgumentParser
import LocalBank

/// `teller logs`.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what the bank's processes have logged.",
        discussion: "The logs of all tiers come with the name of the process before each line.")

    @Argument(
        help: ArgumentHelp("Only this tier: postgresql, balance-service or bank-server."),
        completion: .list(Tier.allCases.map(\.rawValue)))
    var tier: String?

    @Flag(name: .shortAndLong, help: "Go on with the lines to come, until Ctrl-C.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Only the last lines of each log.", valueName: "n"))
    var lines: Int?

    func run() async throws {
        let tier = try checkedTier()
        if let lines, lines < 0 { throw ValidationError("--lines: a number from 0 is expected") }
        let style = Terminal.standardOutput().style
        let lines = try await LocalBankFailure.translating { [follow, lines] in
            try LocalBank().logs(tier: tier, follow: follow, lastLines: lines)
        }
        for await line in lines {
            let text = line.text.replacing("\t", with: "    ").printable
            let isOne = tier != nil && tier != .balanceService
            let name = isOne ? "" : style(.dim, line.part.label.padded(to: 17) + " │ ")
            try StandardStreams.write("\(name)\(text)\n")
        }
    }

    private func checkedTier() throws -> Tier? {
        guard let tier else { return nil }
        guard let known = Tier.allCases.first(where: { $0.rawValue == tier.lowercased() }) else {
            let names = Tier.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(tier)' is not a tier: there are \(names)")
        }
        return known
    }
}

import ArgumentParser
import LocalBank

/// `teller certificates`.
struct CertificatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates",
        abstract: "Make the certificates of a bank whose tiers are started by hand.",
        discussion: """
            In FOLDER: balance-service and bank-server, for hop 2; hop-1, for what bank-server shows \
            its callers; postgres and migrate, for hop 3. Each has tls.crt, tls.key and ca.crt, and is \
            good for a year. All are by one new authority, whose key is kept nowhere.

            Those that are there, for each --host and good for 30 more days, are left alone. When they are made anew, \
            start all tiers again. 'teller up' makes its own.
            """)

    @Argument(help: "Where to make them.", completion: .directory)
    var folder: String

    @Option(
        name: .customLong("host"),
        help: "A name that callers use for bank-server besides localhost; repeat for several.")
    var hosts: [String] = []

    func run() async throws {
        let areNew = try await LocalBankFailure.translating {
            try BankCertificates.make(in: folder, hosts: hosts)
        }
        try StandardStreams.write(
            areNew ? "Made certificates in \(folder).\n" : "Those in \(folder) are good.\n")
    }
}

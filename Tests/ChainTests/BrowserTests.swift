import BankAPI
import Chain
import Foundation
import TestSupport
import Testing

#if os(Linux)
extension ChainTests {
    /// What a page of another site can do to a bank that its reader's browser reaches: Tests/Browser.
    @Suite(.timeLimit(.minutes(6)))
    struct BrowserTests {
        @Test func aPageFromElsewhereReadsNothingAndChangesNothing() async throws {
            try await ChainHarness.with { chain async throws in
                let passwords = try await chain.makePeople()
                let token = try await chain.logIn("operator", passwords["operator"] ?? "").token
                let tokenFile = "\(chain.folder)/token"
                try token.secret.text.write(toFile: tokenFile, atomically: true, encoding: .utf8)
                func page(_ what: String) async throws -> (status: Int32?, output: String) {
                    try await Executables.run(
                        [
                            "/usr/bin/python3",
                            "\(projectFolder.path)/Tests/Browser/foreign_page.py",
                            "\(chain.bank.address.port)", try account(17), try account(18),
                            tokenFile, what,
                        ],
                        environment: ["PATH": "/usr/bin:/bin", "HOME": chain.folder],
                        within: .seconds(150))
                }
                func audit() async throws -> String {
                    let (status, output) = try await chain.teller(
                        "audit", environment: ["TELLER_TOKEN": token.secret.text])
                    #expect(status == 0, "\(output)")
                    return output
                }

                let audited = try await audit()
                let before = try await contents(of: chain.database)
                let attack = try await page("attack")
                #expect(attack.status == 0, "\(attack.output)")
                #expect(try await contents(of: chain.database) == before)
                #expect(try await audit() == audited)
                // It did not merely fail to reach the bank.
                for code in ["host_not_allowed", "origin_not_allowed", "method_not_allowed"] {
                    #expect(chain.bank.process.output.contains("code=\(code) "))
                }

                // The same page is let in where it is the bank's own: it could have done something.
                let control = try await page("control")
                #expect(control.status == 0, "\(control.output)")
                #expect(try await contents(of: chain.database) != before)
                #expect(try await audit() != audited)
            }
        }

        /// All that the bank's tables hold, as a digest of each. That somebody was refused may be recorded.
        private func contents(of database: String) async throws -> String {
            try await TestPostgres.psql(
                database,
                """
                SELECT table_schema, table_name, md5(query_to_xml(
                    format('SELECT * FROM %I.%I AS r %s ORDER BY r::text', table_schema, table_name,
                        CASE table_name WHEN 'events' THEN 'WHERE event NOT LIKE ''%_refused'' AND event <> ''tries_exceeded''' END),
                    true, false, '')::text)
                FROM information_schema.tables
                WHERE table_schema IN ('teller', 'identity') AND table_type = 'BASE TABLE' ORDER BY 1, 2
                """)
        }
    }
}
#endif

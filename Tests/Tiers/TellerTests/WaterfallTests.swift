import Chain
import Testing

@testable import Teller

@Suite struct WaterfallTests {
    private let waterfall = Waterfall(
        request: "GET /v1/accounts/{account}/balance", total: .microseconds(3400),
        timing: ServerTiming([
            .init(
                name: "bank-server", duration: .microseconds(2100),
                detail: "BalancesRequest -> BalancesResponse"),
            .init(
                name: "balance-service", duration: .microseconds(600),
                detail: "balances (1 of 1 in its batch)"),
            .init(
                name: "postgresql", duration: .microseconds(200),
                detail: "SELECT ... WHERE id = ANY ($1)"),
        ]))

    @Test func drawsEveryHopWhereThereIsRoom() {
        let expected = """
              teller               GET /v1/accounts/{account}/balance  HTTP/1.1  3.4 ms  █████████████████████████
              └ bank-server        BalancesRequest → BalancesResponse  gRPC      2.1 ms       ███████████████
                └ balance-service  balances (1 of 1 in its batch)      libpq     0.6 ms            ████
                  └ PostgreSQL     SELECT … WHERE id = ANY ($1)                  0.2 ms             █
            """
        #expect(drawn(columns: 102) == expected)
    }

    @Test func leavesOutTheProtocolsBeforeItCutsTheDetails() {
        let expected = """
              teller               GET /v1/accounts/{account}/balance  3.4 ms  █████████████
              └ bank-server        BalancesRequest → BalancesResponse  2.1 ms    ████████
                └ balance-service  balances (1 of 1 in its batch)      0.6 ms       ██
                  └ PostgreSQL     SELECT … WHERE id = ANY ($1)        0.2 ms       █
            """
        #expect(drawn(columns: 80) == expected)
    }

    @Test func keepsNamesAndTimesWhereItIsNarrow() {
        let expected = """
              teller               3.4 ms  █████████
              └ bank-server        2.1 ms   ██████
                └ balance-service  0.6 ms     ██
                  └ PostgreSQL     0.2 ms     █
            """
        #expect(drawn(columns: 40) == expected)
    }

    @Test(arguments: 40...120)
    func neverLeavesTheWidth(columns: Int) {
        for line in waterfall.lines(columns: columns, style: Style(hasColour: false)) {
            #expect(line.displayWidth <= columns)
        }
    }

    @Test func showsTheClientAloneWithoutTimings() {
        let waterfall = Waterfall(
            request: "GET /", total: .milliseconds(12), timing: ServerTiming())
        let lines = waterfall.lines(columns: 50, style: Style(hasColour: false))
        #expect(lines == ["  teller  GET /  HTTP/1.1  12.0 ms  ██████████████"])
    }

    @Test func distrustsWhatTheServerSays() {
        let timing = ServerTiming(
            (0..<50).map { index in
                .init(name: "x\u{1B}[2J\(index)", duration: .seconds(9), detail: "\u{7}ping")
            })
        let waterfall = Waterfall(request: "GET /", total: .milliseconds(1), timing: timing)
        let lines = waterfall.lines(columns: 80, style: Style(hasColour: false))
        #expect(lines.count == 1 + Waterfall.mostTiers)
        #expect(!lines.joined().unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test func coloursBarsOnlyWhenAsked() {
        let coloured = waterfall.lines(columns: 80, style: Style(hasColour: true))
        #expect(coloured[0].contains("\u{1B}[36m█"))
        #expect(!drawn(columns: 80).contains("\u{1B}"))
    }

    @Test(arguments: [
        (Duration.microseconds(3449), 1, "3.4 ms"), (.microseconds(3450), 1, "3.5 ms"),
        (.microseconds(49), 1, "0.0 ms"), (.microseconds(49), 2, "0.05 ms"),
        (.microseconds(7), 3, "0.007 ms"), (.seconds(12), 1, "12000.0 ms"), (.zero, 1, "0.0 ms"),
        (.seconds(-1), 1, "0.0 ms"),
    ])
    func writesMilliseconds(duration: Duration, decimals: Int, text: String) {
        #expect(duration.milliseconds(decimals: decimals) == text)
    }

    private func drawn(columns: Int) -> String {
        waterfall.lines(columns: columns, style: Style(hasColour: false)).joined(separator: "\n")
    }
}

import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

@testable import HTTPFront

@Suite(.timeLimit(.minutes(5)))
struct StreamTests {
    @Test func eventsArriveAsTheyAreSent() async throws {
        try await TestServer.run {
            // Who leaves is found out by it.
            $0.heartbeat = .milliseconds(50)
        } _: { server in
            try await Caller.run(server) { caller in
                try await caller.get("/events")
                let head = try await caller.read(until: "\r\n\r\n")
                #expect(head.hasPrefix("HTTP/1.1 200 OK\r\nx: y\r\n"))
                #expect(head.contains("content-type: text/event-stream\r\n"))
                #expect(head.contains("transfer-encoding: chunked\r\n"))
                let event = "id: 1\nevent: greeting\ndata: one\ndata: two\n\n"
                let chunk = try await caller.read(until: "\n\n\r\n")
                #expect(chunk == String(event.utf8.count, radix: 16) + "\r\n\(event)\r\n")
            }
            #expect(await server.responder.wait(for: "stream ends"))
        }
    }

    /// Its end is told apart from a connection that was cut, and another request may follow.
    @Test func itsConnectionGoesOnAfterIt() async throws {
        try await TestServer.call { server, caller in
            try await caller.get("/end")
            #expect(try await caller.read(until: "0\r\n\r\n").contains("data: last\n\n"))
            try await caller.get("/now")
            #expect(try await caller.read(until: "now").hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func endsWithItsConnectionInHTTP10() async throws {
        try await TestServer.call { server, caller in
            try await caller.send("GET /end HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
            let answer = try await caller.readToEnd()
            #expect(answer.contains("connection: close\r\n"))
            #expect(answer.hasSuffix("\r\n\r\ndata: last\n\n"))
        }
    }

    @Test func aQuietOneHasAHeartbeat() async throws {
        try await TestServer.call {
            $0.heartbeat = .milliseconds(20)
        } _: { server, caller in
            try await caller.get("/events")
            for _ in 1...3 {
                #expect(try await caller.read(until: "3\r\n:\n\n\r\n").hasSuffix(":\n\n\r\n"))
            }
        }
    }

    /// Streams have a bound of their own: what is no stream is answered past it.
    @Test func thereIsABound() async throws {
        try await TestServer.run {
            $0.streams = 1
            $0.heartbeat = .milliseconds(50)
        } _: { server in
            try await Caller.run(server) { other in
                try await Caller.run(server) { caller in
                    try await caller.get("/events")
                    _ = try await caller.read(until: "\n\n\r\n")
                    try await other.get("/events")
                    #expect(try await other.read(until: "too many").hasPrefix("HTTP/1.1 503 "))
                    try await other.get("/now")
                    #expect(try await other.read(until: "now").hasPrefix("HTTP/1.1 200 "))
                }
                #expect(await server.responder.wait(for: "stream ends"))
                try await other.get("/events")
                #expect(try await other.read(until: "\n\n\r\n").hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    /// By what it leaves unread, or by the time in which it takes nothing.
    @Test(arguments: [true, false])
    func whoDoesNotReadIsClosed(isBoundedByBytes: Bool) async throws {
        try await TestServer.run {
            $0.unreadStreamBytes = isBoundedByBytes ? 256 * 1024 : .max
            $0.idleTime = isBoundedByBytes ? .seconds(600) : .milliseconds(100)
        } _: { server in
            // On a busy machine a connection may have been idle for too long before it is used.
            while !server.responder.hasBegunStream.isRaised {
                try? await Caller.run(server) { caller in
                    try? await caller.get(isBoundedByBytes ? "/flood" : "/burst")
                    _ = try? await caller.read(until: "\r\n\r\n")
                    guard server.responder.hasBegunStream.isRaised else { return }
                    #expect(await server.responder.wait(for: "stream ends"))
                }
            }
        }
    }

    /// While what was asked before is answered.
    @Test func endsFirstAtADrain() async throws {
        try await TestServer.run { server in
            try await Caller.run(server) { asker in
                try await asker.get("/later")
                let kept = try #require(await server.responder.nextKept())
                try await Caller.run(server) { caller in
                    try await caller.get("/events")
                    _ = try await caller.read(until: "\n\n\r\n")
                    await server.shutDown()
                    #expect(try await caller.readToEnd() == "0\r\n\r\n")
                }
                let isOpen = try await kept.use { exchange in
                    let isOpen = exchange.answerWithEvents() != nil
                    exchange.answer(.text(.ok, "later"))
                    return isOpen
                }
                #expect(!isOpen)
                let answer = try await asker.readToEnd()
                #expect(answer.contains("connection: close\r\n") && answer.hasSuffix("later"))
            }
        }
    }

    /// Before the time in which answers ask their callers to close.
    @Test func endsBeforeADrainsNotice() async throws {
        let drain = DrainState(notice: .seconds(600))
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        _ = drain.streams.open(limit: 1) { end.yield() }
        let services = ServiceGroup(services: [Beginning(begun: begin), drain], logger: .silent)
        await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await services.run() }
            #expect(await begun.first { _ in true } != nil)
            await services.triggerGracefulShutdown()
            #expect(await ended.first { _ in true } != nil)
            #expect(drain.isDraining && drain.streams.open(limit: 9) {} == nil)
            tasks.cancelAll()
        }
    }

    @Test(arguments: [
        ("", "data: \n\n"), ("a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n\n"),
        ("日\u{2028}本", "data: 日\u{2028}本\n\n"),
    ])
    func spellsData(data: String, text: String) {
        #expect(String(buffer: ServerSentEvent(data).bytes) == text)
    }

    /// Nothing in it begins a line of its own.
    @Test func spellsAnEventsTypeInOneLine() {
        let event = ServerSentEvent("x", type: "a\nid: 2", id: "1\r\ndata: y\0")
        #expect(String(buffer: event.bytes) == "id: 1data: y\nevent: aid: 2\ndata: x\n\n")
    }
}

/// Tells when its group runs.
private struct Beginning: Service {
    let begun: AsyncStream<Void>.Continuation

    func run() async throws {
        begun.yield()
        try await gracefulShutdown()
    }
}

import Testing

@testable import LocalBank

@Suite struct DatabaseAddressTests {
    @Test(arguments: [
        ("postgresql://ann:s3cret@db:5432/bank", "postgresql://ann@db:5432/bank"),
        ("postgresql://ann:s3/cr@et@db/bank", "postgresql://ann@db/bank"),
        ("postgres://ann@db/bank?password=s3cret&x=1", "postgres://ann@db/bank?x=1"),
        ("postgresql://ann@db/bank?pass%77ord=s3cret", "postgresql://ann@db/bank"),
        ("postgresql:///bank?host=/run/pg", "postgresql:///bank?host=/run/pg"),
        ("host=db password=s3cret user=ann", "host=db user=ann"),
        ("host=db password = 's3 \\'cret' user='ann b'", "host=db user='ann b'"),
        ("host=db sslpassword=s3cret", "host=db"),
    ])
    func hidesThePassword(url: String, shown: String) {
        #expect(DatabaseAddress(url).shown == shown)
    }

    @Test func scrubsThePasswordFromSomebodyElsesText() {
        let address = DatabaseAddress("postgresql://ann:s3%20cret@db/bank")
        #expect(address.scrub("refused 's3 cret' (s3%20cret)") == "refused '***' (***)")
    }
}

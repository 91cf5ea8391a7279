// balances answers gRPC calls for the balance of an account from PostgreSQL.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"peer/rpc"
)

type server struct {
	rpc.UnimplementedBalancesServer
	pool *pgxpool.Pool
}

const query = "SELECT name, currency, balance FROM teller.accounts WHERE id = $1"

// GetBalance ends when the caller's deadline does: gRPC puts it into ctx.
func (s *server) GetBalance(
	ctx context.Context, request *rpc.GetBalanceRequest,
) (*rpc.GetBalanceResponse, error) {
	response := &rpc.GetBalanceResponse{}
	err := s.pool.QueryRow(ctx, query, request.Account).
		Scan(&response.Name, &response.Currency, &response.MinorUnits)
	switch {
	case err == nil:
		return response, nil
	case errors.Is(err, pgx.ErrNoRows):
		return nil, status.Error(codes.NotFound, "no such account")
	case ctx.Err() != nil:
		return nil, status.FromContextError(ctx.Err()).Err()
	default:
		log.Print(err)
		return nil, status.Error(codes.Unavailable, "the database did not answer")
	}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:50061", "address to listen on")
	database := flag.String("database", "postgres:///bank", "URL of the database")
	poolSize := flag.Int("pool-size", 8, "connections to the database")
	flag.Parse()

	config, err := pgxpool.ParseConfig(*database)
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = int32(*poolSize)
	pool, err := pgxpool.ConnectConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()

	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	grpcServer := grpc.NewServer()
	rpc.RegisterBalancesServer(grpcServer, &server{pool: pool})

	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	go func() {
		<-stop.Done()
		grpcServer.GracefulStop()
	}()
	if err := grpcServer.Serve(listener); err != nil {
		log.Fatal(err)
	}
}

// Package docker names the docker command of today, so that `go mod tidy` keeps what builds it.
package docker

import _ "github.com/docker/cli/cmd/docker"

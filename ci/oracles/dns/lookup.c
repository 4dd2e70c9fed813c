/* Resolves a name as programs do, and prints what came: for the C library that it is built with. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int count, char **words) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
  char text[INET6_ADDRSTRLEN];
  int error = count == 2 ? getaddrinfo(words[1], NULL, &hints, &found) : EAI_BADFLAGS;
  if (error == EAI_NONAME || error == EAI_NODATA) return puts("no-such-name") < 0;
  if (error) return puts(error == EAI_AGAIN || error == EAI_FAIL || error == EAI_SYSTEM ? "no-server" : "refused") < 0;
  for (; found; found = found->ai_next) {
    const void *address = found->ai_family == AF_INET ? (void *)&((struct sockaddr_in *)found->ai_addr)->sin_addr
                                                      : (void *)&((struct sockaddr_in6 *)found->ai_addr)->sin6_addr;
    puts(inet_ntop(found->ai_family, address, text, sizeof text));
  }
  return 0;
}

/* Stands between a process and its data folder: logs writes, truncations, removals and syncs, answers
 * ENOSPC while a flag file exists, and moves the wall clock by the seconds that a file names.
 *
 * SHIM_FOLDER  only files below it count           SHIM_LOG    where the log goes, if anywhere
 * SHIM_FULL    while this file exists, disk full   SHIM_CLOCK  eight bytes: a double, added to the time
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FDS 4096
#define LONGEST 512

struct record {
    uint32_t pid, tid;
    uint32_t op; /* W write, T truncate, U unlink, B sync begins, S sync is done */
    uint32_t path_length;
    uint64_t offset, length;
};

static char paths[FDS][LONGEST];
static const volatile double *skew;
static int log_fd = -1;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    const char *clock = getenv("SHIM_CLOCK"), *log = getenv("SHIM_LOG");
    int fd = clock ? (int)syscall(SYS_open, clock, O_RDONLY) : -1;
    if (fd >= 0) {
        void *page = mmap(NULL, sizeof(double), PROT_READ, MAP_SHARED, fd, 0);
        skew = page == MAP_FAILED ? NULL : page;
    }
    if (log) log_fd = (int)syscall(SYS_open, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static const char *below(const char *path) {
    const char *folder = getenv("SHIM_FOLDER");
    size_t length = folder ? strlen(folder) : 0;
    if (!length || !path || strncmp(path, folder, length) || path[length] != '/') return NULL;
    return path + length + 1;
}

static const char *path_of(int fd) { return fd >= 0 && fd < FDS && paths[fd][0] ? paths[fd] : NULL; }

static int is_full(void) {
    const char *flag = getenv("SHIM_FULL");
    return flag && access(flag, F_OK) == 0;
}

static void note(char op, const char *path, uint64_t offset, const void *data, uint64_t length) {
    if (log_fd < 0) return;
    int kept = errno;
    struct record head = {(uint32_t)getpid(), (uint32_t)syscall(SYS_gettid), (uint32_t)op,
                          (uint32_t)strlen(path), offset, length};
    struct iovec parts[3] = {{&head, sizeof head}, {(void *)path, head.path_length},
                             {(void *)data, data ? length : 0}};
    if (syscall(SYS_writev, log_fd, parts, 3) < 0) abort();
    errno = kept;
}

static int remember(int fd, const char *path) {
    const char *name = below(path);
    if (fd < 0 || fd >= FDS) return fd;
    paths[fd][0] = 0;
    if (name) strncpy(paths[fd], name, LONGEST - 1);
    return fd;
}

#define OPENS(NAME)                                                      \
    int NAME(const char *path, int flags, ...) {                         \
        va_list more;                                                    \
        va_start(more, flags);                                           \
        int mode = va_arg(more, int);                                    \
        va_end(more);                                                    \
        int (*call)(const char *, int, ...) = real(#NAME);               \
        return remember(call(path, flags, mode), path);                  \
    }
OPENS(open)
OPENS(open64)

int close(int fd) {
    int (*call)(int) = real("close");
    if (fd >= 0 && fd < FDS) paths[fd][0] = 0;
    return call(fd);
}

#define PWRITES(NAME)                                                                     \
    ssize_t NAME(int fd, const void *data, size_t length, off_t offset) {                 \
        ssize_t (*call)(int, const void *, size_t, off_t) = real(#NAME);                  \
        const char *path = path_of(fd);                                                   \
        if (path && is_full()) return errno = ENOSPC, -1;                                 \
        ssize_t written = call(fd, data, length, offset);                                 \
        if (path && written > 0) note('W', path, (uint64_t)offset, data, (uint64_t)written); \
        return written;                                                                   \
    }
PWRITES(pwrite)
PWRITES(pwrite64)

ssize_t write(int fd, const void *data, size_t length) {
    ssize_t (*call)(int, const void *, size_t) = real("write");
    const char *path = path_of(fd);
    if (path && is_full()) return errno = ENOSPC, -1;
    ssize_t written = call(fd, data, length);
    if (path && written > 0) {
        off_t end = lseek(fd, 0, SEEK_CUR);
        note('W', path, (uint64_t)(end - written), data, (uint64_t)written);
    }
    return written;
}

#define TRUNCATES(NAME)                                            \
    int NAME(int fd, off_t length) {                               \
        int (*call)(int, off_t) = real(#NAME);                     \
        const char *path = path_of(fd);                            \
        int answer = call(fd, length);                             \
        if (path && !answer) note('T', path, (uint64_t)length, NULL, 0); \
        return answer;                                             \
    }
TRUNCATES(ftruncate)
TRUNCATES(ftruncate64)

#define SYNCS(NAME)                                     \
    int NAME(int fd) {                                  \
        int (*call)(int) = real(#NAME);                 \
        const char *path = path_of(fd);                 \
        if (path) note('B', path, 0, NULL, 0);          \
        int answer = call(fd);                          \
        if (path && !answer) note('S', path, 0, NULL, 0); \
        return answer;                                  \
    }
SYNCS(fsync)
SYNCS(fdatasync)

int unlink(const char *path) {
    int (*call)(const char *) = real("unlink");
    int answer = call(path);
    if (!answer && below(path)) note('U', below(path), 0, NULL, 0);
    return answer;
}

/* The clock. */

int clock_gettime(clockid_t which, struct timespec *at) {
    int answer = (int)syscall(SYS_clock_gettime, which, at);
    if (!answer && skew && which == CLOCK_REALTIME) at->tv_sec += (time_t)*skew;
    return answer;
}

int gettimeofday(struct timeval *at, void *zone) {
    (void)zone;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

/* The kernel's own clock is not moved: a moment to wait for that was reckoned by ours is put back to it. */
int sem_timedwait(sem_t *lock, const struct timespec *at) {
    int (*call)(sem_t *, const struct timespec *) = real("sem_timedwait");
    struct timespec moment = *at;
    if (skew) moment.tv_sec -= (time_t)*skew;
    return call(lock, &moment);
}

/* A disk that remembers and a disk that fails, by LD_PRELOAD, for files whose path holds $DISK_MATCH.

   Remembering: with $DISK_LOG, every write, truncation and sync is appended to that file in the order
   it was made, so that the disk as it may look after a power cut can be built (powercut.py). What is
   written to a file whose name ends in "/acks" is a promise to somebody, and is logged as such. Nothing
   is really synced then: the log says where it was asked for.
   Record: u8 op, u32 file, u64 offset, u32 length, bytes. Ops: O opened, W write, T truncate, S sync,
   U unlinked, A promise.

   Failing: disk_fail(n, error, syncs, sticky, shorten) makes the n-th write from now (or sync) fail;
   disk_fail(0, ...) makes it work again; disk_failed() counts the calls that failed (failing.py). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 65536
enum { NONE, DATA, PROMISE };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *match;
static int log_fd = -1;
static uint32_t file_of[FILES], files;
static char kind_of[FILES];
static long fail_at, calls, failed;
static int fail_error, fail_syncs, fail_sticky, fail_short;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_ftruncate)(int, off_t), (*real_close)(int);
static int (*real_unlink)(const char *);

static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    match = getenv("DISK_MATCH");
    const char *log = getenv("DISK_LOG");
    if (log)
        log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void remember(char op, uint32_t file, uint64_t offset, const void *bytes, uint32_t length) {
    if (log_fd < 0)
        return;
    char *record = malloc(17 + length);
    if (!record)
        abort();
    record[0] = op;
    memcpy(record + 1, &file, 4);
    memcpy(record + 5, &offset, 8);
    memcpy(record + 13, &length, 4);
    if (length)
        memcpy(record + 17, bytes, length);
    if (syscall(SYS_write, log_fd, record, 17 + length) != (long)(17 + length))
        abort();
    free(record);
}

static char kind(int fd) { return fd >= 0 && fd < FILES ? kind_of[fd] : NONE; }

/* Whether this call is to fail. Under the gate. */
static int fails(int sync) {
    if (!fail_at || sync != fail_syncs)
        return 0;
    calls++;
    if (fail_sticky ? calls < fail_at : calls != fail_at)
        return 0;
    failed++;
    return 1;
}

void disk_fail(long at, int error, int syncs, int sticky, int shorten) {
    pthread_once(&once, begin);
    pthread_mutex_lock(&gate);
    fail_at = at, fail_error = error, fail_syncs = syncs, fail_sticky = sticky, fail_short = shorten;
    calls = failed = 0;
    pthread_mutex_unlock(&gate);
}

long disk_failed(void) { return failed; }

static int opened(int fd, const char *path) {
    pthread_once(&once, begin);
    if (fd < 0 || fd >= FILES)
        return fd;
    size_t length = strlen(path);
    int ours = match && *match && strstr(path, match);
    pthread_mutex_lock(&gate);
    kind_of[fd] = NONE;
    if (ours && length > 5 && !strcmp(path + length - 5, "/acks"))
        kind_of[fd] = PROMISE;
    else if (ours) {
        kind_of[fd] = DATA;
        file_of[fd] = ++files;
        remember('O', file_of[fd], 0, path, length);
    }
    pthread_mutex_unlock(&gate);
    return fd;
}

#define MODE(flags) \
    va_list rest; \
    va_start(rest, flags); \
    int mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, int) : 0; \
    va_end(rest)

int open(const char *path, int flags, ...) {
    MODE(flags);
    return opened(syscall(SYS_openat, AT_FDCWD, path, flags, mode), path);
}

int open64(const char *path, int flags, ...) {
    MODE(flags);
    return opened(syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode), path);
}

int close(int fd) {
    pthread_once(&once, begin);
    if (fd >= 0 && fd < FILES)
        kind_of[fd] = NONE;
    return real_close(fd);
}

static ssize_t put(int fd, const void *bytes, size_t length, off_t offset, int at) {
    pthread_once(&once, begin);
    char what = kind(fd);
    if (what == NONE)
        return at ? real_pwrite(fd, bytes, length, offset) : real_write(fd, bytes, length);
    pthread_mutex_lock(&gate);
    ssize_t done;
    if (what == PROMISE) {
        remember('A', 0, 0, bytes, length);
        done = at ? real_pwrite(fd, bytes, length, offset) : real_write(fd, bytes, length);
    } else if (fails(0) && !(fail_short && length > 1)) {
        errno = fail_error;
        done = -1;
    } else {
        if (fail_at && fail_short && failed && length > 1) { /* half now, the error with the rest */
            length /= 2;
            fail_short = 0;
            fail_sticky = 1;
        }
        if (!at)
            offset = lseek(fd, 0, SEEK_CUR);
        done = at ? real_pwrite(fd, bytes, length, offset) : real_write(fd, bytes, length);
        if (done > 0)
            remember('W', file_of[fd], offset, bytes, done);
    }
    pthread_mutex_unlock(&gate);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length) { return put(fd, bytes, length, 0, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return put(fd, bytes, length, at, 1); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) { return put(fd, bytes, length, at, 1); }

static int sync_file(int fd, int (**really)(int)) {
    pthread_once(&once, begin);
    if (kind(fd) != DATA)
        return (*really)(fd);
    pthread_mutex_lock(&gate);
    int bad = fails(1);
    if (!bad)
        remember('S', file_of[fd], 0, "", 0);
    pthread_mutex_unlock(&gate);
    if (bad) {
        errno = fail_error;
        return -1;
    }
    return log_fd >= 0 ? 0 : (*really)(fd);
}

int fsync(int fd) { return sync_file(fd, &real_fsync); }
int fdatasync(int fd) { return sync_file(fd, &real_fdatasync); }

int ftruncate64(int fd, off_t length) {
    pthread_once(&once, begin);
    if (kind(fd) == DATA) {
        pthread_mutex_lock(&gate);
        remember('T', file_of[fd], length, "", 0);
        pthread_mutex_unlock(&gate);
    }
    return real_ftruncate(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int unlink(const char *path) {
    pthread_once(&once, begin);
    if (match && *match && strstr(path, match)) {
        pthread_mutex_lock(&gate);
        remember('U', 0, 0, path, strlen(path));
        pthread_mutex_unlock(&gate);
    }
    return real_unlink(path);
}

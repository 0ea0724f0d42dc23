# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packages of a Debian release that need not be the machine's own, from the registry that the machine's own apt uses:
# nothing here names one. The lists are kept in DEBIAN_CACHE, the machine's own are not touched.

: "${DEBIAN_CACHE:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && realpath -m "${BUILD:-build}")/debian}"

# The registry of the machine's own release: the address in the first source that has this release as a suite, in either
# form of apt's sources.
debian_registry() {
	local own files=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources)
	own=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	{ cat "${files[@]}" 2>/dev/null || true; } | awk -v own="$own" '
		function found(address) { print address; done = 1; exit }
		$1 == "deb" {
			sub(/\[[^]]*\]/, "")
			if ($3 == own) found($2)
		}
		$1 == "URIs:" { address = $2 }
		$1 == "Suites:" { for (i = 2; i <= NF; i++) suite = suite || $i == own }
		!NF { if (suite && address) found(address); suite = 0; address = "" }
		END { if (!done && suite && address) print address; else if (!done) exit 1 }'
}

# debian_apt RELEASE COMMAND...: apt-get or apt-cache with lists of their own
debian_apt() {
	local root=$DEBIAN_CACHE/$1 command=$2
	shift 2
	"$command" -q -o Dir::Etc::SourceList="$root/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$root/lists" \
		-o Dir::State::status="$root/status" -o Dir::Cache="$root/cache" -o Acquire::Languages=none \
		-o APT::Sandbox::User= "$@"
}

# Writes the source of a release and reads its list, once a day.
debian_update() {
	local root=$DEBIAN_CACHE/$1 registry
	if [[ -n $(find "$root/updated" -mmin -1440 2>/dev/null) ]]; then
		return 0
	fi
	registry=$(debian_registry) || {
		echo "error: no source in /etc/apt is for this machine's own release" >&2
		return 1
	}
	mkdir -p "$root"/{lists,cache/archives}/partial
	: >"$root/status"
	printf 'deb %s %s main\n' "$registry" "$1" >"$root/sources.list"
	debian_apt "$1" apt-get update >&2
	touch "$root/updated"
}

# debian_version RELEASE PACKAGE: the version that the release has
debian_version() {
	debian_apt "$1" apt-cache show --no-all-versions "$2" | sed -n 's/^Version: //p'
}

# debian_depends RELEASE PACKAGE: the first package that this one depends on, as a metapackage does
debian_depends() {
	debian_apt "$1" apt-cache depends "$2" | sed -n 's/^ *Depends: //p' | head -n 1
}

# debian_unpack RELEASE PACKAGE DIRECTORY: only its files; nothing that the package would run is run
debian_unpack() {
	local work status=0
	work=$(mktemp -d "$DEBIAN_CACHE/$1/$2.XXXXXX")
	(cd "$work" && debian_apt "$1" apt-get download "$2" >&2) && dpkg-deb -x "$work"/*.deb "$3" || status=$?
	rm -rf "$work"
	return "$status"
}

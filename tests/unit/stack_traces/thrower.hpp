#pragma once

void throw_from_a_library();
